// The contract between http-server and rpc-server.
//
// The wire shape is that of the well-known template: a client built from the template's file works unchanged. New
// fields are optional and carry new ids; a field that has left is never used again.
namespace go im

// Code says what has become of a call. Each is one row of the HTTP error table (see openapi.yaml).
enum Code {
    OK = 0
    INVALID_ARGUMENT = 1 // a rule is broken; msg names the field and the rule
    KEY_REUSED = 2       // the idempotency key came earlier with another message
    UNAVAILABLE = 3      // not stored: try again
    TIMEOUT = 4          // not known whether it is stored
    INTERNAL = 5         // a defect of the service; the log has the reason
    NOT_FOUND = 6        // nobody has made the group; nothing is stored
    FORBIDDEN = 7        // not a member of the group, or the group is closed; nothing is stored
}

struct Message {
    1: string chat     // "<member1>:<member2>", or a group's name, without a colon; answers carry the canonical form
    2: string text     // 1 to 16,384 bytes of UTF-8
    3: string sender   // a member of the chat
    4: i64 send_time   // microseconds since 1970, set by the service
    5: optional list<string> added    // the message is a change of a group: who came, in canonical form
    6: optional list<string> removed  // and who went
}

struct SendRequest {
    1: required Message message         // its send_time is ignored
    2: optional string idempotency_key  // 1 to 128 visible ASCII characters: stored once under it, for ever
    3: optional string request_id       // for the log, in a call of SendAll
    4: optional string traceparent      // of the W3C's Trace Context, in a call of SendAll
}

struct SendResponse {
    1: required Code code
    2: required string msg
    3: optional string chat    // the canonical form
    4: optional i64 send_time  // microseconds since 1970
    5: optional bool replayed  // the key was known: this is the first call's answer
}

// Sends that have come to a gateway at the same time. Each is independent of the others, in no order.
struct SendAllRequest {
    1: required list<SendRequest> sends // at most 512
}

struct SendAllResponse {
    1: required Code code                   // UNAVAILABLE if that is the answer to all of them
    2: required string msg
    3: optional list<SendResponse> answers  // one for each send, in their order
}

struct PullRequest {
    1: required string chat
    2: required i64 cursor         // a send_time, inclusive; 0 is the beginning, or with reverse the end
    3: required i32 limit          // messages in a page: 0 means 10, at most 1,000
    4: optional bool reverse       // newest first
    5: optional string request_id  // for the log, in a call of PullAll
    6: optional string traceparent // of the W3C's Trace Context, in a call of PullAll
    7: optional string caller      // who asks: FORBIDDEN unless a member of the chat; absent: nobody is asked who he is
}

struct PullResponse {
    1: required Code code
    2: required string msg
    3: optional list<Message> messages
    4: optional bool has_more    // exact: another page exists
    5: optional i64 next_cursor  // where the next page starts
    6: optional bool caller_checked // the request's caller is a member; an earlier version does not look
}

// Pulls that have come to a gateway at the same time. Each is independent of the others; one answer holds all of theirs.
struct PullAllRequest {
    1: required list<PullRequest> pulls // at most 16
}

struct PullAllResponse {
    1: required Code code                   // UNAVAILABLE if that is the answer to all of them
    2: required string msg
    3: optional list<PullResponse> answers  // one for each pull, in their order
}

struct HealthRequest {}

struct HealthResponse {
    1: required Code code // OK: the instance can serve
    2: required string msg
}

// Asks what has been committed. While readers wait at a gateway, it asks each rpc-server again and again.
struct WatchRequest {
    1: required i64 epoch     // of the latest answer; 0 with the first call
    2: required i64 position  // of the latest answer
    3: required i32 wait_ms   // the answer is held this long until there is news; above 2,000 is taken as 2,000
    4: optional bool others   // also tell, while this call lasts, what other instances commit
}

// Span is an interval of a lane's time, in which commits have moved the lane.
struct Span {
    1: required i32 lane
    2: required i64 after  // the lane's last send_time before
    3: required i64 upto   // and after
}

struct WatchResponse {
    1: required Code code
    2: required string msg
    3: optional i64 epoch           // of this run of the instance
    4: optional i64 position        // where the next call goes on
    5: optional bool lost           // the instance does not know all that has happened since the position
    6: optional list<string> chats  // in which commits of this instance have put messages
    7: optional list<Span> own      // the intervals of these commits: an answer with one has all its chats, or an earlier answer had them
    8: optional list<Span> others   // the intervals of other instances' commits, in any chats of the lanes
    9: optional list<string> read   // the chats in which a member has read on
    10: optional list<string> added // the members who came into groups, of which chats names the messages
}

// Asks for the inbox of a member: the list of its chats that have messages.
struct ChatsRequest {
    1: required string member
    2: optional string cursor  // next_cursor of another page; absent or empty: from the newest chat on
    3: required i32 limit      // chats in a page: 0 means 10, at most 1,000
    4: optional i32 preview    // bytes of each text, which ends before a code point that has no room; absent or 0: the whole text
}

// State is how far a member has read in a chat.
struct State {
    1: required i64 read    // the send_time up to which the member has read; 0: nothing
    2: required i32 unread  // messages by others after it: exact up to 99, 100 for more
}

struct ChatsResponse {
    1: required Code code
    2: required string msg
    3: optional list<Message> last_messages // the last one of each chat, which it names; the newest first
    4: optional bool has_more               // exact: another page exists
    5: optional string next_cursor          // where the next page starts; empty without more
    6: optional list<State> states          // one for each of last_messages
    7: optional string sync_cursor          // of a first page: Sync goes on from here with what the page does not show
}

// Asks what is new for a member, in all its chats.
struct SyncRequest {
    1: required string member
    2: optional string cursor  // next_cursor or sync_cursor of another answer; absent or empty: from the oldest message on
    3: required i32 limit      // messages in a page: 0 means 100, at most 1,000
    4: optional bool groups    // also tell in which groups the member is
}

// ReadMark says up to where a member has read in a chat.
struct ReadMark {
    1: required string chat
    2: required string member
    3: required i64 send_time
}

struct SyncResponse {
    1: required Code code
    2: required string msg
    3: optional list<Message> messages  // those of one chat in order
    4: optional list<ReadMark> reads    // the latest of each member of each chat
    5: optional bool has_more           // exact: another page exists
    6: optional string next_cursor      // where the next page starts
    7: optional list<string> groups     // in which the member is, if that was asked for; at most 1,000
    8: optional bool more_groups        // there are more
}

// Changes who is in a group. The first change of a name makes the group.
struct ChangeMembersRequest {
    1: required string chat             // the group's name
    2: required string by               // who changes it; of a new group the first member
    3: optional list<string> add        // with remove, at most 100 names
    4: optional list<string> remove
    5: optional string idempotency_key  // as in SendRequest
}

struct ChangeMembersResponse {
    1: required Code code
    2: required string msg
    3: optional string chat     // the canonical form
    4: optional i64 send_time   // of the change's message, or of the group's latest change if nothing was to change
    5: optional i32 members     // in the group
    6: optional bool replayed   // the key was known
}

// Asks who is in a chat.
struct MembersRequest {
    1: required string chat
    2: optional string cursor  // next_cursor of another page
    3: required i32 limit      // members in a page: 0 means 10, at most 1,000
    4: optional string caller  // as in PullRequest
}

struct Member {
    1: required string member
    2: required i64 read  // the send_time up to which the member has read; 0: nothing
}

struct MembersResponse {
    1: required Code code
    2: required string msg
    3: optional list<Member> members  // in the order of their names
    4: optional bool has_more
    5: optional string next_cursor    // where the next page starts; empty without more
    6: optional bool caller_checked   // as in PullResponse
}

// Says that a member has read a chat up to a send_time.
struct ReadRequest {
    1: required string chat
    2: required string member
    3: required i64 send_time
}

struct ReadResponse {
    1: required Code code
    2: required string msg
    3: optional string chat     // the canonical form
    4: optional string member   // the canonical form
    5: optional i64 send_time   // where it stands: it never goes back, nor beyond what the chat can have
}

service IMService {
    SendResponse Send(1: SendRequest req)
    SendAllResponse SendAll(1: SendAllRequest req)
    PullResponse Pull(2: PullRequest req) // 2, not 1: the template's number is on the wire
    PullAllResponse PullAll(1: PullAllRequest req)
    HealthResponse Health(1: HealthRequest req)
    WatchResponse Watch(1: WatchRequest req)
    ChatsResponse Chats(1: ChatsRequest req)
    SyncResponse Sync(1: SyncRequest req)
    ChangeMembersResponse ChangeMembers(1: ChangeMembersRequest req)
    MembersResponse Members(1: MembersRequest req)
    ReadResponse Read(1: ReadRequest req)
}
