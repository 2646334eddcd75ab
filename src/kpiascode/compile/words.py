"""Words that at least one engine keeps for itself, so that a name like them is quoted everywhere."""

from typing import Final

RESERVED: Final = frozenset(
    """
    abort absolute access account action add admin after aggregate all allocate alter analyse analyze and
    anti any apply are array as asc asof assert asymmetric at attach authorization before begin between
    binary bit blob boolean both by cache call cascade case cast catalog change char character check clone
    cluster collate column columns comment commit connect connection constraint contains copy create cross
    cube current current_date current_role current_time current_timestamp current_user cursor data
    database databases date day days dec decimal declare default deferrable define delete desc describe
    detach directory distinct do double drop else end ends enum escape except exclude execute exists
    explain export extend external extract false fetch file filter final first float following for foreign
    freeze from full function functions glob global grant group grouping groups hash having hour hours if
    ignore ilike immediate import in increment index initially inner inout insert install int integer
    intersect interval into is isnull issue join json key keys language last lateral leading left level
    like limit list load local localtime localtimestamp lock loop macro map match merge minus minute
    minutes month months natural new next no none not nothing notnull null nullif nulls number numeric
    object of off offset old on only open option or order organization out outer over overlaps overlay
    partition percent period pivot placing position pragma preceding precision primary procedure proto
    qualify range read real recursive references regexp rename replace reset respect restrict result
    return returning returns revoke right rlike role rollback rollup row rows sample schema second seconds
    select semi sequence session session_user set sets show similar smallint some sort start statement
    struct substring summarize symmetric system table tables tablesample temp temporary text then time
    timestamp to top trailing transaction trigger trim true truncate try_cast type unbounded union unique
    unknown unnest unpivot unsigned update usage use user using utc value values varchar variadic verbose
    view views volatile when whenever where window with within without year years zone
    """.split()
)
