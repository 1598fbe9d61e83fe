"""From a file to what it says: pages, identification, alignment, fields; print, handwriting, ticks, signatures."""

from environment.libraries import tell_libraries

tell_libraries()
