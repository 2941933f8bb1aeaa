"""The real site with two job kinds for tests: what a child process of `manage.py dev` loads."""
