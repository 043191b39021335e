-- name: scores
select d.partner, d.delivery_id, d.as_of, d.kind, d.state, s.dimension, s.rows, s.faulty, s.exact
from delivery d
join dimension_score s on s.delivery_id = d.delivery_id and s.side = :side
where d.as_of between :first and :last
  and (cast(:partner as text) is null or d.partner = :partner)
order by d.partner, d.as_of, d.delivery_id

-- name: deliveries
select d.delivery_id, d.partner, d.as_of, d.kind, d.state,
       (select max(s.rows) from dimension_score s where s.delivery_id = d.delivery_id and s.side = :side) as rows
from delivery d
where d.as_of between :first and :last
  and (cast(:partner as text) is null or d.partner = :partner)
  and (:side = '' and d.state <> 'published' or exists (
       select from dimension_score s where s.delivery_id = d.delivery_id and s.side = :side))
order by d.as_of desc, d.delivery_id desc
limit 60

-- name: delivery
select d.delivery_id, d.partner, d.as_of, d.kind, d.state, d.effect
from delivery d
where d.delivery_id = :delivery

-- name: verdict
select d.rows, d.accepted, d.quarantined, d.refused, d.message, d.decided, d.findings, d.reasons, d.source_name
from delivery d
where d.delivery_id = :delivery

-- name: results
select r.rule, r.code, r.dimension, r.level, r.rows, r.failed, r.outcome, r.engine, r.samples
from rule_result r
where r.delivery_id = :delivery and r.side = :side
order by r.failed desc, r.rule

-- name: before
select d.delivery_id
from delivery d
where d.partner = :partner and d.kind = :kind and (d.as_of, d.delivery_id) < (:as_of, :delivery)
  and exists (select from dimension_score s where s.delivery_id = d.delivery_id and s.side = :side)
order by d.as_of desc, d.delivery_id desc
limit 1

-- name: sides
select s.side, max(s.rows) as rows
from dimension_score s
where s.delivery_id = :delivery and s.side <> ''
group by s.side
order by s.side

-- name: rule
select d.partner, d.delivery_id, d.as_of, d.kind, r.rows, r.failed, r.outcome, r.engine
from rule_result r
join delivery d on d.delivery_id = r.delivery_id
where r.rule = :rule and r.side = :side and d.as_of between :first and :last
order by d.partner, d.as_of, d.delivery_id

-- name: faults
select d.partner, r.rule, r.dimension, r.outcome, sum(r.failed) as failed, count(distinct d.delivery_id) as deliveries,
       max(d.as_of) as newest
from rule_result r
join delivery d on d.delivery_id = r.delivery_id
where r.side = :side and r.failed > 0 and r.level in ('row', 'value') and d.as_of between :first and :last
  and (cast(:partner as text) is null or d.partner = :partner)
group by d.partner, r.rule, r.dimension, r.outcome
order by d.partner, r.rule

-- name: waiting
select d.delivery_id, d.partner, d.as_of
from delivery d
where d.state = 'held'
order by d.as_of, d.delivery_id
