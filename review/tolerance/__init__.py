"""How many wrong values the manager tolerates among those used unseen, and what holds them there.

``evidence`` counts what second looks prove, ``steps`` decides from it (both know no tables), ``stored`` keeps what is
in force and lets documents be judged by it, ``section`` tells it to people.
"""
