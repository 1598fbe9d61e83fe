"""``python -m api PORT`` serves the web application.

A module of this name is the only one that the processes which read files do not import anew when they begin.
"""

import sys

from environment.garbage import loading

if __name__ == "__main__":
    with loading():
        from api.serving import serve

    serve(int(sys.argv[1]))
