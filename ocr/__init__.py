"""From file to reading: pages, identification, alignment, fields; print, handprint, ticks, signatures."""

from database.libraries import tell_libraries

tell_libraries()
