// The calls of the service's API. Where a function takes params, they are the API's own.

import { file, get, post } from './call.js';

/** Returns how to sign in: {} where nobody is asked who calls. */
export async function howToSignIn() {
  try {
    return await file('sign-in.json');
  } catch (error) {
    if (error.status === 404) return {}; // a server of an earlier version
    throw error;
  }
}

/** Sends a message, and returns {chat, send_time} when it is stored. */
export function send({ chat, sender, text, key }, signal) {
  return post('send', { chat, sender, text }, signal, key);
}

/** Returns a page {messages, has_more, next_cursor} of a chat. */
export function pull(params, signal) {
  return get('pull', params, signal);
}

/** Returns a page {chats, has_more, next_cursor} of a member's chats, newest first; the first page has sync_cursor as well. */
export function chats(params, signal) {
  return get('chats', params, signal);
}

/** Returns {messages, reads, has_more, next_cursor}: what is new for a member, in all chats. */
export function sync(params, signal) {
  return get('sync', params, signal);
}

/** Returns a page {members, has_more, next_cursor} of who is in a chat, each with how far it has read. */
export function members(params, signal) {
  return get('members', params, signal);
}

/** Changes who is in a group, and returns {chat, send_time, members}. */
export function change({ chat, by, add = [], remove = [], key }, signal) {
  return post('members', { chat, by, add, remove }, signal, key);
}

/** Says up to which send_time a member has read, and returns {chat, member, send_time}: where it stands. */
export function read({ chat, member, sendTime }, signal) {
  return post('read', { chat, member, send_time: sendTime }, signal);
}
