-- What was handed out of a round, by the account it left: what stands of the receipts, those of void lists too (those things
-- are gone). The order of what stands is that of campaigns/receipts/standing.py.
create view stock_handed with (security_invoker = true) as
    select l.campaign, l.cycle, l.list_id, t.county,
           case when t.county is null then 'city'
                when t.station = '' then 'county:' || t.county
                else 'station:' || t.partner || ':' || t.county || ':' || t.station end as account,
           count(*) as people, sum(s.delivered)::bigint as handed
    from public.target_list l
    cross join lateral (
        select distinct on (r.row_id) r.row_id, r.delivered from public.receipt_row r where r.list_id = l.list_id
        order by r.row_id, case when r.correction then r.entry_id end desc nulls last,
            array_position(array['full','part','refused','left','none','unknown'], r.outcome), r.delivered desc,
            r.on_day nulls last) s
    join public.target_row t on t.list_id = l.list_id and t.row_id = s.row_id and t.selected
    where s.delivered > 0
    group by l.campaign, l.cycle, l.list_id, t.county, 5;

-- Every account of a round: what moves brought to it less what they took (over all accounts the sum is zero), and what was
-- handed out of it.
create view stock_account with (security_invoker = true) as
    select e.campaign, e.cycle, e.account, e.county, sum(e.number)::bigint as moved, sum(e.handed)::bigint as handed
    from (
        select campaign, cycle, to_account as account, to_county as county, number, 0 as handed from public.stock_move
        union all
        select campaign, cycle, from_account, from_county, -number, 0 from public.stock_move
        union all
        select campaign, cycle, account, county, 0, handed from public.stock_handed) e
    group by e.campaign, e.cycle, e.account, e.county;

-- How many are in a place; below zero, as many were handed out that no entry brought there. What a station handed out beyond
-- its own came from its county.
create function stock_left(of_campaign text, of_cycle text, place text) returns bigint
    language sql stable set search_path = '' as $$
    select coalesce((select a.moved - a.handed from public.stock_account a
                     where a.campaign = of_campaign and a.cycle = of_cycle and a.account = place), 0)
         - coalesce((select sum(greatest(0, s.handed - s.moved)) from public.stock_account s
                     where s.campaign = of_campaign and s.cycle = of_cycle and s.account like 'station:%'
                         and 'county:' || s.county = place), 0)::bigint
$$;

-- An entry is made while its round is open; it takes no more out of a place than is there, and a correction turns one entry
-- back, no further than it went. Entries of a round come one after the other.
create function stock_fits() returns trigger language plpgsql set search_path = '' as $$
declare before bigint; been public.stock_move;
begin
    insert into public.work_lock (name) values ('stock:' || new.campaign || '|' || new.cycle) on conflict do nothing;
    perform from public.work_lock w where w.name = 'stock:' || new.campaign || '|' || new.cycle for update;
    if not exists (select from public.target_list l where l.campaign = new.campaign and l.cycle = new.cycle)
        or (exists (select from public.target_list l where l.campaign = new.campaign and l.cycle = new.cycle
                    and l.state = 'closed')
            and not exists (select from public.target_list l where l.campaign = new.campaign and l.cycle = new.cycle
                            and l.state not in ('closed', 'void', 'cancelled'))) then
        raise exception 'a round without a list, or that is closed, has no entries' using errcode = 'check_violation';
    end if;
    if new.corrects is not null then
        select * into been from public.stock_move m where m.move_id = new.corrects;
        if been.corrects is not null or (been.campaign, been.cycle, been.to_account, been.from_account)
            is distinct from (new.campaign, new.cycle, new.from_account, new.to_account)
            or new.number > been.number - coalesce((select sum(m.number) from public.stock_move m
                                                    where m.corrects = new.corrects), 0) then
            raise exception 'a correction turns one entry back, no further than it went' using errcode = 'check_violation';
        end if;
    end if;
    if new.from_account ~ '^(city$|county:|station:)' then  -- columns that are computed are so only after this
        before := public.stock_left(new.campaign, new.cycle, new.from_account);
        if new.kind in ('allocated', 'correction') and new.to_account like 'station:%' then
            -- what the station handed out already came from its county: that part is only named
            before := before + least(new.number, greatest(0, (
                select a.handed - a.moved from public.stock_account a where a.campaign = new.campaign
                and a.cycle = new.cycle and a.account = new.to_account)));
        end if;
        if new.number > before then
            raise exception 'no more is there' using errcode = 'check_violation', constraint = 'stock_left';
        end if;
    end if;
    return new;
end $$;
create trigger stock_fits before insert on stock_move for each row execute function stock_fits();

create function stock_stays() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception 'the ledger of stock is only appended to' using errcode = 'check_violation';
end $$;
create trigger stock_stays before update or delete on stock_move for each row execute function stock_stays();
