"""How many wrong values the manager tolerates among those used unseen, and what holds them there.

``evidence`` counts what second looks prove, ``suspicion`` says when it is enough to hold values, ``thresholds`` decides
from both (none of them knows tables); ``reliance`` notes on what a document rests, ``considering`` asks once an hour,
``stored`` keeps what is in force and lets documents be judged by it, ``section`` tells it to people.
"""
