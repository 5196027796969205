-- title: Failures by cause
-- description: How the attempts of a sweep ended, with the seconds that they took.
select cause, count(*) as attempts, sum(seconds) as seconds, min(message) as example
from attempts
where sweep_id = :sweep_id
group by cause
order by attempts desc
