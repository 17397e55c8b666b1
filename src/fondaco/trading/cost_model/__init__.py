"""What trading costs: dated rate tables, their exact kernel, and the price that an order gives up.

`lines` holds the values and the exact reference in Decimal, `kernel` the same in whole numbers
for the venue, `tables_us` and `tables_india` the dated rates with their sources, `impact` the
spread and the order's own effect on the price, `model` the one value that puts them together.
Names are imported from their modules.
"""
