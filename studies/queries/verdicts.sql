-- title: Every config against the baseline
-- description: Mean, difference from the baseline with its interval, and verdict of each config of a sweep.
select axes, n, mean, sd, difference, half, holm_p, verdict, current
from comparisons
where sweep_id = :sweep_id and metric = :metric
order by mean desc
