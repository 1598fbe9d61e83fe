"""From file to reading: pages, identification, alignment, fields; print, handprint, ticks, signatures."""
