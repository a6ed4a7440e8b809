"""What the tests need and a fresh machine lacks: found where it is, brought where it is not.

`python -m tests.provision` brings everything; the fixtures only find, and a thing that is not there fails the test with
the one sentence that mends it: nothing is ever skipped for want of a tool.
"""
