-- title: Training speed
-- description: Images per second by family, device, threads and precision.
select family, device, threads, precision, batch_size, runs, samples_per_second, slowest, fastest
from throughput
order by family, samples_per_second desc
