"""What a careful clerk works out with paper, from the events that were taken and the terms as written.

Nothing here shares code with the portal; only the policies' and price lists' TOML and the list of national
holidays are read, as data. What the clerk leaves out is told in the modules.
"""
