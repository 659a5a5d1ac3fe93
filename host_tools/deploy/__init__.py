"""`corten deploy`: an app into the file system of a board that runs, over its console.

payload.py makes the files of an app for one board, changes.py compares them with what is there, agent.py speaks with
the programs of firmware/deploy on the board, blocks.py moves the data, switch.py does all of it in the right order.
"""
