"""The findings that are about more than the limits of one value, whose texts are in rules.toml."""

from oelab.findings import Finding, finding_by, rules_of


def violation(rule: str, where: str, value: object, case: str = "", **words: object) -> Finding:
    """A finding with the texts of a rule, or of one of its cases; `words` are filled into them."""
    texts = rules_of(__package__)[rule]
    return finding_by(rule, texts[case] if case else texts, where, value, None, **words)
