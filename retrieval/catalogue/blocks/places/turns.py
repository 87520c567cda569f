# name: turns
# plan: I turn the map by several angles, so that the straight cuts of a tree can follow a coast that runs diagonally.
place = [next(c for c in data.columns if re.match(word, c, re.IGNORECASE)) for word in ("lat", "lon|lng")]
spots = data[place].fillna(data[place].median()).to_numpy() * [1.0, 0.8]
for degrees in range(15, 90, 15):
    turn = np.deg2rad(degrees)
    data[f"map turned by {degrees}"] = spots @ [np.cos(turn), np.sin(turn)]
    data[f"map turned by {degrees + 90}"] = spots @ [-np.sin(turn), np.cos(turn)]
