"""Give a connection to the database back while somebody waits for something else.

Rule: inside a transaction nothing is given back, because the transaction hangs on its connection.
"""

from django.db import connection


def let_go() -> None:
    """Give this thread's connection back; the next query takes another one."""
    if not connection.in_atomic_block:
        connection.close()
