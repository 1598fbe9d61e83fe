"""The command line: `ebok`."""

from environment.libraries import tell_libraries

tell_libraries()
