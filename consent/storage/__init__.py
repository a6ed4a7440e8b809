"""What is kept, on two engines behind one narrow waist (`database.py`); one module of functions a table.

Invariant: nothing outside this package writes SQL, and nothing inside it knows which engine runs it,
save the two engine modules.
"""
