"""Name the algorithms by the hash of their source, so that a result says which code made it.

Rule that must stay true: one changed character in any algorithm is another version.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path


@cache
def code_version() -> str:
    """Return the version of the algorithms in this process.

    Examples
    --------
    >>> code_version().startswith("algorithms-"), len(code_version())
    (True, 27)
    """
    hashed = sha256()
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        hashed.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return f"algorithms-{hashed.hexdigest()[:16]}"
