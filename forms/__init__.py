"""What a form is: kinds of fields, the form literal, its layout and all that follows from it.

Pure: no database, no web framework, no recognition library, no workflow engine.
"""

from environment.libraries import tell_libraries

tell_libraries()
