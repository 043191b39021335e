"""Share what is scarce: seats for each county and partner, and inside them an order that anybody can be told.

`seats` is arithmetic over a few counts, `order` is SQL over the people; `paragraph` says both in Chinese.
"""

from talentpool.campaigns.sharing.order import Order, lottery_seed, place_in_order
from talentpool.campaigns.sharing.paragraph import paragraph
from talentpool.campaigns.sharing.seats import Cell, seats_of, stock_until

__all__ = ["Cell", "Order", "lottery_seed", "paragraph", "place_in_order", "seats_of", "stock_until"]
