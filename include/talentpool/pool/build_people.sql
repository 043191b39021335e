-- The people of a date from their records: home, golden record with provenance, age. Set-based, one pass.
-- Input: temporary table pool_record (person_id, partner, record_id, county, station, status, spell_from, valid_from,
-- birth_date, birth_from, sex, occupation, weak_identity, name_status, id_number_status, mobile_status, mobile2_status,
-- brought_seq: when a county's upload brought it, null for what the partner itself said).
-- Parameters: as_of, age_day (as_of, or the day before under the day-after rule), youth_min, youth_max, lowers, labels.
-- Home is the longest active spell of what partners said; what only counties uploaded comes after it, in the order in which
-- we saw it: no county gets another's person by a date that it writes itself. Whoever's home is a county's word alone (who
-- left elsewhere, and was uploaded) has the values of that county alone: a guess brings it nobody's birth date.
-- A record whose consent ended (suspended) says nothing of a person who has another.
-- Survivorship, best first: a document that is usable, then masked; a name of a record with a usable document; a usable
-- mobile, then masked; a birth date from a document; among equals the newest version, then partner and record.
create temporary table pool_people on commit drop as
with suspended as materialized (
    select distinct person_id from pool_record where status = 'suspended'
),
otherwise_known as materialized (
    select distinct person_id from pool_record join suspended using (person_id) where status <> 'suspended'
),
ranked as (
    select r.*,
           r.status not in ('left', 'suspended') as active,
           r.id_number_status in ('valid', 'legacy_15') as documented,
           row_number() over best_first as home_rank,
           first_value(r.county) over best_first as home_county,
           first_value(r.brought_seq) over best_first is null as home_said
    from pool_record r
    where r.status <> 'suspended'
       or r.person_id not in (select person_id from otherwise_known)
    window best_first as (
        partition by r.person_id
        order by (r.status not in ('left', 'suspended')) desc,
                 r.brought_seq nulls first,
                 case when r.status not in ('left', 'suspended') then r.spell_from end,
                 case when r.status in ('left', 'suspended') then r.spell_from end desc,
                 r.county, r.partner, r.record_id
    )
),
golden as (
    select person_id,
           bool_or(active) as active,
           bool_and(weak_identity) as weak_identity,
           (array_agg(record_id order by documented desc, (name_status = 'ok') desc, valid_from desc, partner, record_id))[1]
               as name_from,
           (array_agg(record_id order by documented desc, id_number_status = 'other_document' desc,
                      id_number_status = 'masked' desc, valid_from desc, partner, record_id)
                filter (where id_number_status in ('valid', 'legacy_15', 'other_document', 'masked')))[1]
               as document_no_from,
           (array_agg(record_id order by active desc, (mobile_status = 'ok') desc, valid_from desc, partner, record_id)
                filter (where mobile_status in ('ok', 'masked')))[1] as mobile_from,
           (array_agg(record_id order by (birth_from = 'id_number') desc, valid_from desc, partner, record_id)
                filter (where birth_date is not null))[1] as birth_date_from,
           (array_agg(birth_date order by (birth_from = 'id_number') desc, valid_from desc, partner, record_id)
                filter (where birth_date is not null))[1] as birth_date,
           (array_agg(record_id order by documented desc, valid_from desc, partner, record_id)
                filter (where sex in (1, 2)))[1] as sex_from,
           coalesce((array_agg(sex order by documented desc, valid_from desc, partner, record_id)
                filter (where sex in (1, 2)))[1], 0)::smallint as sex
    from ranked
    where home_said or county is not distinct from home_county
    group by person_id
),
aged as (
    select golden.*, extract(year from age(cast(:age_day as date), golden.birth_date))::smallint as age
    from golden
)
select aged.person_id,
       home.county as home_county, home.partner as home_partner, home.station as home_station,
       home.record_id as home_record,
       aged.active, aged.weak_identity, aged.birth_date, aged.age,
       case when aged.age is null then 'unknown'
            else (cast(:labels as text[]))[width_bucket(aged.age, cast(:lowers as smallint[])) + 1] end as age_band,
       coalesce(aged.age between :youth_min and :youth_max, false) as youth,
       aged.sex, home.occupation,
       jsonb_strip_nulls(jsonb_build_object(
           'name', aged.name_from, 'document_no', aged.document_no_from, 'mobile', aged.mobile_from,
           'birth_date', aged.birth_date_from, 'sex', aged.sex_from, 'occupation', home.record_id)) as provenance
from aged
join ranked home on home.person_id = aged.person_id and home.home_rank = 1
