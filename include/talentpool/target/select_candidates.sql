-- What the rules may know of every person of a snapshot, and what the person's own record says by itself.
-- own_* are facts of the home record alone, as it stood on the as-of: a sheet for a station head rests on nothing else.
-- Parameters: snapshot_id, as_of, purpose (of the campaign).
with home as (
    select * from pool_person where snapshot_id = :snapshot_id
),
version as (
    select distinct on (record_id) record_id, birth_date, occupation, weak_identity, notice_version
    from (
        select r.record_id, r.birth_date, r.occupation, r.weak_identity, r.notice_version, r.valid_from
        from source_record r
        join home on home.home_record = r.record_id
        where r.valid_from <= :as_of
        union all
        select h.record_id, h.birth_date, h.occupation, h.weak_identity, h.notice_version, h.valid_from
        from source_record_history h
        join home on home.home_record = h.record_id
        where h.valid_from <= :as_of and h.valid_to > :as_of
    ) versions
    order by record_id, valid_from desc
)
select home.person_id, home.home_county, home.home_partner, home.home_station, home.home_record,
       home.active, home.weak_identity, home.birth_date, home.age, home.age_band, home.sex, home.occupation,
       version.birth_date as own_birth_date,
       coalesce(version.occupation, '') as own_occupation,
       coalesce(version.weak_identity, true) as own_weak_identity,
       exists (
           select 1 from notice
           where notice.version = version.notice_version and notice.purpose = :purpose
       ) as notice_covers
from home
left join version on version.record_id = home.home_record
order by home.person_id
