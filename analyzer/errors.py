"""The one exception that users are meant to see.

Whatever is wrong with a file, a model folder or an option is raised as
`AnalyzerError` with a message that names the offending thing and the way out;
the command line prints it as one line and exits with code 2.
"""


class AnalyzerError(Exception):
    """Something the user can mend: the message names what is wrong and what to do about it."""
