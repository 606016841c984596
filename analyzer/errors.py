"""The one exception that users are meant to see, and where any other happened.

Whatever is wrong with a file, a model folder or an option is raised as
`AnalyzerError` with a message that names the offending thing and the way out;
the command line prints it as one line and exits with code 2.
"""

import traceback
from pathlib import Path


class AnalyzerError(Exception):
    """Something the user can mend: the message names what is wrong and what to do about it."""


def place_of(error: BaseException) -> str:
    """The file and line that raised an error, without its message, which may quote a document."""
    trace = traceback.extract_tb(error.__traceback__)
    return f"{Path(trace[-1].filename).name}:{trace[-1].lineno}" if trace else "?"
