#include "broker/rpc/convert_answers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/core/lease/lifecycle.h"
#include "broker/core/policy/access.h"
#include "broker/core/policy/seats.h"
#include "broker/records/lease_events.h"

namespace jit::rpc {
namespace {

// A time that was never set stays unset on the wire.
void SetTimeIfAny(absl::Time time, google::protobuf::Timestamp* (v1::Lease::*field)(),
                  v1::Lease& lease) {
  if (time != absl::Time()) {
    SetTime(time, (lease.*field)());
  }
}

std::string FromWords(const policy::SeatFrom& from) {
  if (const auto* group = std::get_if<core::GroupName>(&from)) {
    return absl::StrCat("group ", group->text());
  }
  return "manager of the requester";
}

bool HasLogin(lease::State state) {
  return state == lease::State::kOpening || state == lease::State::kOpen ||
         state == lease::State::kClosing;
}

bool MayLapse(lease::State state) {
  return state == lease::State::kRequested || state == lease::State::kApproved;
}

void ShowConnection(const lease::Lease& lease, const use_cases::Ports& ports,
                    v1::Connection& connection) {
  connection.set_login(core::LoginName::Of(*lease.id).text());
  const auto target = ports.targets.find(*lease.target);
  if (target == ports.targets.end()) {
    return;
  }
  const ports::Address address = target->second->address();
  connection.set_host(address.host);
  connection.set_port(address.port);
  connection.set_database(address.database);
}

void ShowResidue(const lease::Residue& residue, v1::Residue& shown) {
  for (const lease::ResidueLine& line : residue.lines) {
    v1::ResidueLine& added = *shown.add_lines();
    added.set_what(lease::WhatWord(line.what));
    added.set_kind(line.kind);
    added.set_object(line.object);
  }
  shown.set_more(residue.more);
}

v1::UnreviewedBreakGlass ToNotice(const lease::Lease& lease) {
  v1::UnreviewedBreakGlass notice;
  notice.set_lease_id(lease.id->text());
  notice.set_requester(lease.requester->text());
  notice.set_target(lease.target->text());
  notice.set_role(lease.role->text());
  notice.set_reason(Beginning(lease.reason, kNoticeReasonBytesMax));
  SetTime(lease.request_time, notice.mutable_request_time());
  SetTime(lease.debt_due, notice.mutable_due_time());
  notice.set_open(HasLogin(lease.state));
  return notice;
}

// Adds what fits, oldest first, and says how many did.
template <class Add>
std::size_t AddWhatFits(const std::vector<use_cases::SeenLease>& leases, const LeaseView& view,
                        std::size_t& bytes, Add add) {
  std::size_t added = 0;
  for (const use_cases::SeenLease& seen : leases) {
    v1::Lease shown = view.Show(seen);
    bytes += shown.ByteSizeLong();
    if (bytes > kAnswerBytesMax && added > 0) {
      break;
    }
    *add() = std::move(shown);
    ++added;
  }
  return added;
}

}  // namespace

v1::Lease::State ToProto(lease::State state) {
  switch (state) {
    case lease::State::kNone:
      return v1::Lease::STATE_UNSPECIFIED;
    case lease::State::kRequested:
      return v1::Lease::STATE_REQUESTED;
    case lease::State::kApproved:
      return v1::Lease::STATE_APPROVED;
    case lease::State::kDenied:
      return v1::Lease::STATE_DENIED;
    case lease::State::kWithdrawn:
      return v1::Lease::STATE_WITHDRAWN;
    case lease::State::kLapsed:
      return v1::Lease::STATE_LAPSED;
    case lease::State::kOpening:
      return v1::Lease::STATE_OPENING;
    case lease::State::kOpen:
      return v1::Lease::STATE_OPEN;
    case lease::State::kClosing:
      return v1::Lease::STATE_CLOSING;
    case lease::State::kOff:
      return v1::Lease::STATE_OFF;
    case lease::State::kClosed:
      return v1::Lease::STATE_CLOSED;
  }
  return v1::Lease::STATE_UNSPECIFIED;
}

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const std::int64_t seconds = absl::ToUnixSeconds(time);  // rounded down, so nanos are positive
  out->set_seconds(seconds);
  out->set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

void SetDuration(absl::Duration duration, google::protobuf::Duration* out) {
  absl::Duration rest;
  out->set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  out->set_nanos(static_cast<std::int32_t>(absl::ToInt64Nanoseconds(rest)));
}

std::string Beginning(const std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    return text;
  }
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

v1::Seat ToProto(const policy::Seat& seat, const policy::Policy& policy,
                 const core::PersonId& requester) {
  v1::Seat shown;
  shown.set_name(seat.name.text());
  shown.set_from(FromWords(seat.from));
  for (const core::PersonId& person : policy::WhoCanSit(policy.people, seat, requester)) {
    shown.add_candidates(person.text());
  }
  return shown;
}

v1::Lease LeaseView::Show(const use_cases::SeenLease& seen) const {
  const lease::Lease& lease = seen.lease;
  v1::Lease shown;
  shown.set_id(lease.id->text());
  shown.set_state(ToProto(lease.state));
  shown.set_break_glass(lease.path == policy::Path::kBreakGlass);
  shown.set_requester(lease.requester->text());
  shown.set_target(lease.target->text());
  shown.set_role(lease.role->text());
  shown.set_reason(lease.reason);
  shown.set_incident(lease.incident);
  for (const std::string& table : lease.keyless) shown.add_keyless(table);
  shown.set_version(seen.version);
  shown.set_writes(policy::Writes(lease.terms->access));
  shown.set_defines(lease.terms->access == policy::Access::kDefines);
  shown.set_rule(lease.terms->rule.text());
  shown.set_review_owed(lease.debt_open);
  shown.set_detail(MayLapse(lease.state) ? lease.sent_back_why : lease.close_note);
  SetDuration(lease.terms->ttl, shown.mutable_ttl());
  SetTimeIfAny(lease.request_time, &v1::Lease::mutable_request_time, shown);
  SetTimeIfAny(lease.approve_time, &v1::Lease::mutable_approve_time, shown);
  SetTimeIfAny(lease.expire_time, &v1::Lease::mutable_expire_time, shown);
  SetTimeIfAny(lease.debt_due, &v1::Lease::mutable_review_due_time, shown);
  if (const auto deadline = lease::NextDeadline(lease); deadline && MayLapse(lease.state)) {
    SetTime(*deadline, shown.mutable_lapse_time());
  }
  for (const policy::Seat& seat : lease.terms->seats) {
    *shown.add_seats() = Show(seat, *lease.requester);
    if (const auto filled = lease.seats.find(seat.name); filled != lease.seats.end()) {
      shown.mutable_seats()->rbegin()->set_filled_by(filled->second.text());
    }
  }
  if (HasLogin(lease.state)) {
    ShowConnection(lease, ports_, *shown.mutable_connection());
  }
  if (lease.residue.has_value()) {
    ShowResidue(*lease.residue, *shown.mutable_residue());
  }
  shown.set_acceptance_owed(lease::WaitsForAcceptance(lease));
  if (lease.acceptance.has_value()) {
    shown.set_accepted_by(lease.acceptance->by.text());
  }
  if (lease.close_cause.has_value()) {
    shown.set_close_cause(lease::CauseWord(*lease.close_cause));
  }
  return shown;
}

v1::Seat LeaseView::Show(const policy::Seat& seat, const core::PersonId& requester) const {
  return ToProto(seat, policy_, requester);
}

v1::OfferedRole ToProto(const use_cases::Offer& offer, const LeaseView& view,
                        const core::PersonId& by) {
  v1::OfferedRole shown;
  shown.set_target(offer.target.text());
  shown.set_role(offer.role.name.text());
  shown.set_writes(policy::Writes(offer.role.access));
  shown.set_defines(offer.role.access == policy::Access::kDefines);
  SetDuration(offer.role.ttl_default, shown.mutable_default_ttl());
  if (offer.rule.has_value()) {
    SetDuration(std::min(offer.rule->ttl_max, offer.role.ttl_max), shown.mutable_max_ttl());
    for (const policy::Seat& seat : offer.rule->seats) {
      *shown.add_seats() = view.Show(seat, by);
    }
  }
  if (offer.break_glass.has_value()) {
    shown.set_break_glass(true);
    SetDuration(offer.break_glass->ttl_max, shown.mutable_break_glass_max_ttl());
  }
  return shown;
}

v1::OfferedChange ToProto(const use_cases::ChangeOffer& offer, const LeaseView& view,
                          const core::PersonId& by) {
  v1::OfferedChange shown;
  shown.set_target(offer.target.text());
  shown.set_role(offer.role.name.text());
  shown.set_defines(offer.role.access == policy::Access::kDefines);
  for (const policy::Seat& seat : offer.rule.seats) *shown.add_seats() = view.Show(seat, by);
  shown.set_unrehearsed(offer.rule.unrehearsed_seats.has_value());
  return shown;
}

v1::ListLeasesResponse ToProto(const use_cases::LeasePage& page, const LeaseView& view) {
  v1::ListLeasesResponse response;
  std::size_t bytes = 0;
  const std::size_t added =
      AddWhatFits(page.rows, view, bytes, [&] { return response.add_leases(); });
  if (added < page.rows.size()) {
    response.set_next_page_token(page.rows[added - 1].lease.id->text());
  } else if (page.next_after.has_value()) {
    response.set_next_page_token(page.next_after->text());
  }
  return response;
}

v1::ListInboxResponse ToProto(const use_cases::Inbox& inbox, const LeaseView& view) {
  v1::ListInboxResponse response;
  std::size_t bytes = 0;
  AddWhatFits(inbox.owed, view, bytes, [&] { return response.add_owed(); });
  AddWhatFits(inbox.waiting, view, bytes, [&] { return response.add_waiting(); });
  AddWhatFits(inbox.residue, view, bytes, [&] { return response.add_residue(); });
  return response;
}

std::vector<v1::TimelineEvent> ToEvents(const std::vector<ledger::Record>& records) {
  std::vector<v1::TimelineEvent> events;
  std::size_t bytes = 0;
  for (const ledger::Record& record : records) {
    bytes += record.body.size();
    v1::TimelineEvent& event = events.emplace_back();
    event.set_sequence(record.sequence);
    SetTime(record.time, event.mutable_time());
    event.set_type(record.type);
    event.set_summary(records::Tell(record));
    if (bytes <= kAnswerBytesMax) {
      event.set_body(record.body);  // the auditor's export has them all
    }
  }
  return events;
}

v1::ListHistoryResponse ToProto(const std::vector<ledger::Record>& records) {
  v1::ListHistoryResponse response;
  for (v1::TimelineEvent& event : ToEvents(records)) {
    *response.add_events() = std::move(event);
  }
  return response;
}

v1::Notices ToNotices(const std::vector<use_cases::SeenLease>& unreviewed) {
  v1::Notices notices;
  std::size_t bytes = 0;
  for (const use_cases::SeenLease& seen : unreviewed) {
    v1::UnreviewedBreakGlass notice = ToNotice(seen.lease);
    bytes += notice.ByteSizeLong();
    if (bytes > kNoticesBytesMax) {
      break;
    }
    *notices.add_unreviewed() = std::move(notice);
  }
  notices.set_not_shown(static_cast<std::int32_t>(unreviewed.size()) - notices.unreviewed_size());
  return notices;
}

}  // namespace jit::rpc
