-- title: Main effects
-- description: What each level of each axis changes, over the balanced part of a grid.
select axis, level, reference, mean, difference, half, axis_p, results
from effects
where sweep_id = :sweep_id and metric = :metric
order by axis, position
