"""What a change of the app would do to what is deployed, before it is merged.

`compare` and `guard` evaluate two sets of synthesized templates and touch nothing; `report`
synthesizes them from a git commit and the working tree.
"""
