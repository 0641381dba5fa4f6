select size, note, frontier from checkpoints order by size desc limit 1
