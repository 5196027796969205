-- title: Cost of accuracy
-- description: The configs of a sweep on the Pareto front of multiply-accumulates, parameters or seconds.
select axes, cost, test_mean, n
from pareto
where sweep_id = :sweep_id and measure = :measure and on_front
order by cost
