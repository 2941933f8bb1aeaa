"""An organizer's pages, one module a page or two. Each gathers, calls one verb and answers."""
