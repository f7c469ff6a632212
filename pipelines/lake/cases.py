"""Rows with a case and no customer take the customer whom the case had by then."""

from __future__ import annotations


def with_case_customers(rows: str) -> str:
    """SQL for `rows` in which a row without a customer has the one of its case's latest earlier row.

    Earlier means that it had happened and was known when the row was known. The customer may
    be given by `customer_id` or by `external_id`.
    """
    return f"""(
    with rows as (select *, row_number() over () as nr from {rows}),
    holders as (select * from rows where case_id is not null and coalesce(customer_id, external_id) is not null),
    found as (
        select r.nr, arg_max(
            {{'c': h.customer_id, 'e': h.external_id}}, (h.occurred_at, h.known_at, h.content)
        ) as holder
        from rows r join holders h on h.case_id = r.case_id
         and h.occurred_at <= r.occurred_at and h.known_at <= r.known_at
        where r.customer_id is null and r.external_id is null
        group by r.nr)
    select rows.* exclude (nr) replace (
        coalesce(rows.customer_id, found.holder.c) as customer_id,
        coalesce(rows.external_id, found.holder.e) as external_id)
    from rows left join found using (nr))"""
