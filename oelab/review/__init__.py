"""The review of a fleet from the command line.

`reader` asks AWS and answers with the frozen values of `models`; `verdicts` judges these and calls
nothing; `commands` joins both and prints. Only `reader` knows boto3.
"""
