"""``python -m api PORT`` serves the web application.

A module of this name is the only one that the processes which read files do not import anew when they begin.
"""

import sys

if __name__ == "__main__":
    from api.serving import serve

    serve(int(sys.argv[1]))
