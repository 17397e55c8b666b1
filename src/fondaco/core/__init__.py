"""The words that every other package speaks.

Import each name from its module (`from fondaco.core.money import Money`), so that a command pays
only for what it uses. `README.md` lists the types.
"""
