"""The command line: `ebok`."""

from database.libraries import tell_libraries

tell_libraries()
