"""Wrong templates, each wrong in one way, by what is wrong with them."""

from tests.synthesis import Template
from tests.template.corpus import (
    functions,
    limits,
    patterns,
    references,
    relations,
    sections,
    structure,
    types,
)

CORPUS: dict[str, Template] = {
    f"{kind.__name__.rpartition('.')[2]}: {name}": template
    for kind in (structure, types, patterns, limits, references, functions, sections, relations)
    for name, template in kind.CASES.items()
}
"""By a name that says the kind and the fault."""
