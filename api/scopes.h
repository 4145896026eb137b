#ifndef PURSER_API_SCOPES_H_
#define PURSER_API_SCOPES_H_

// The scopes that the API judges by: of its routes, and of what a request asks for. Constant;
// thread-safe. The configuration knows more, for parts that are not built yet.
#include <string_view>

namespace purser::api {

struct Scope {
  std::string_view name;
  std::string_view meaning;  // what a token with it may do
};

inline constexpr Scope kApiScopes[] = {
    {"ledger:read",
     "read settings, balances, reservations, charges, models, proposals and the journal"},
    {"admin",
     "make and change populations and resources, grant, withdraw, freeze, limit and price, act on "
     "anybody's reservation, register, change and move models, withdraw anybody's proposal"},
    {"reservations:write", "reserve, and act on reservations of its own"},
    {"reserve:spend",
     "reserve for a purpose that may draw on the rollback reserve, roll back by it, approve what "
     "draws on it"},
    {"debt:incur", "reserve with `overrun_policy` DEBT"},
    {"charges:write",
     "read charges and cost entries, charge without a reservation, refund, enter costs"},
    {"models:write",
     "read models, register them, change them, move them from state to state, roll back, execute "
     "proposals that were approved"},
    {"constraints:write", "set and lift hard constraints of models"},
    {"approvals:write", "approve or reject what others asked for, override budgets"},
    {"proposals:write", "read proposals, propose to retire, merge, replace or archive models"},
    {"proposals:approve", "read proposals, approve, reject and execute what others proposed"},
    {"finance", "read what was charged costs, close months"},
    {"outcomes:write", "read outcomes, report what became of results"},
};

}  // namespace purser::api

#endif  // PURSER_API_SCOPES_H_
