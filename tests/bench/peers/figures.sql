-- Five figures of 2024 for the country by SQL, as whoever had the events in a database would write them: what is in
-- force, spells of services, persons, and stays: spells that end with death. Of a table `events` and a table `day` with the days of the year.
drop table if exists spell;
drop table if exists person;
drop table if exists effective;
create temp table effective as
select * from (select distinct on (original) e.* from events e
               join events o on o.id = e.original and o.status = 'EVENT_STATUS_ORIGINAL'
               order by original, e.sequence desc, e.id desc) newest where status <> 'EVENT_STATUS_ANNUL';
create temp table person as
select distinct on (subject) subject, birth, coalesce(death, 'infinity') as death
from effective where details order by subject, on_day desc, original desc;
create temp table spell as
select s.subject, s.service_type as type, s.on_day as first, coalesce(min(x.on_day), 'infinity') as last
from effective s
left join effective x on x.ends and x.subject = s.subject and x.sender = s.sender and x.service_id = s.service_id
                     and x.on_day >= s.on_day
where s.starts group by s.original, s.subject, s.service_type, s.on_day;
drop table if exists stay;
create temp table stay as
select s.subject, type, first, least(last, coalesce(death, 'infinity')) as last, birth
from spell s left join person p on p.subject = s.subject;
with resident as (select distinct subject from stay where type = 21 and first <= '2024-12-31' and last >= '2024-12-31'
                  and birth <= '1957-12-31')
select 'nursing_home_residents', count(distinct subject), 0 from stay
where type in (18, 19, 20, 21) and first <= '2024-12-31' and last >= '2024-12-31'
union all
select 'medication_review', count(*) filter (where subject in (select subject from effective where review
       and on_day > '2023-12-31' and on_day <= '2024-12-31')), count(*) from resident
union all
select 'bed_days', count(*), 0 from (select distinct subject, d from stay join day on d >= first and d < last
                                     where type in (18, 19, 20, 21)) stays
union all
select 'recipients_during_period', count(distinct subject), 0 from stay
where first <= '2024-12-31' and last >= '2024-01-01' and last >= first
union all
select 'nutrition_assessed', count(*) filter (where subject in (select subject from effective where nutrition
       and on_day > '2023-12-31' and on_day <= '2024-12-31')), count(*) from resident;
