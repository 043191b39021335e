-- Pairs of records that agree on a key, at least one of which changed. Tables: match_record (all), match_changed.
-- Parameters: shared_max, block_max.
with mobiles as (
    select mobile_index as mobile, record_id from match_record where mobile_index is not null
    union
    select mobile2_index, record_id from match_record where mobile2_index is not null
),
shared as (
    select mobile from mobiles group by mobile having count(*) > :shared_max
),
by_id as (
    select id_index as key, record_id from match_record where id_index is not null
),
by_name_mobile as (
    select name_mobile_key as key, record_id from match_record
    where name_mobile_key is not null and mobile_index not in (select mobile from shared)
    union
    select name_mobile2_key, record_id from match_record
    where name_mobile2_key is not null and mobile2_index not in (select mobile from shared)
),
by_name_birth_county as (
    select name_birth_county_key as key, record_id from match_record where name_birth_county_key is not null
),
keyed as (
    select 'same_id' as rule, key, record_id from by_id
    union all
    select 'name_mobile', key, record_id from by_name_mobile
    union all
    select 'name_birth_county', key, record_id from by_name_birth_county
),
blocks as (
    select rule, key from keyed group by rule, key having count(*) between 2 and :block_max
),
members as (
    select keyed.rule, keyed.key, keyed.record_id, changed.record_id is not null as changed
    from keyed
    join blocks using (rule, key)
    left join match_changed changed on changed.record_id = keyed.record_id
),
pairs as (
    select distinct a.rule, a.record_id as left_record, b.record_id as right_record
    from members a
    join members b on b.rule = a.rule and b.key = a.key and a.record_id < b.record_id
    where a.changed or b.changed
)
select pairs.rule, pairs.left_record, pairs.right_record,
       l.name_id_key is distinct from r.name_id_key as other_name,
       l.mobile_index in (r.mobile_index, r.mobile2_index)
           or l.mobile2_index in (r.mobile_index, r.mobile2_index) as same_mobile
from pairs
join match_record l on l.record_id = pairs.left_record
join match_record r on r.record_id = pairs.right_record
