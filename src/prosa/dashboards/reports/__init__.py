"""Reports: a week or a month of a tenant on paper, by e-mail, or by a link.

`content` asks for the numbers, `html` and `pdf` draw them, `schedules` says who gets them when, `delivery` sends them.
"""
