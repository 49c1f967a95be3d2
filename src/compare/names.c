#include "teno/compare.h"

const char *verdict_name(Verdict verdict)
{
    static const char *const names[] = {"no_detectable_change", "decreased", "increased", "unknown"};
    return names[verdict];
}

const char *tear_state_name(TearState state)
{
    static const char *const names[] = {"resolved", "smaller", "unchanged", "larger", "new", "split", "merged"};
    return names[state];
}
