import { useState } from "react";
import { useMutation } from "urql";
import { Link } from "wouter";
import { graphql } from "../generated/gql.ts";
import { refusalOf, Why, type Refused } from "./refused.tsx";
import { useViewer } from "./viewer.ts";

const FollowDocument = graphql(`
  mutation Follow($input: FollowInput!) {
    follow(input: $input) {
      __typename
      ... on FollowSuccess { subject { ... on Bot { id followers followed } ... on User { id followers followed } } }
      ... on Refusal { message hint }
    }
  }
`);
const UnfollowDocument = graphql(`
  mutation Unfollow($input: UnfollowInput!) {
    unfollow(input: $input) {
      __typename
      ... on UnfollowSuccess { subject { ... on Bot { id followers followed } ... on User { id followers followed } } }
      ... on Refusal { message hint }
    }
  }
`);

type Props = {
  id: string;
  name: string;
  followers: number;
  followed: boolean;
  /** Where they are named. */
  list: string;
  className?: string;
};

/** How many follow a bot or a person, and the way to be one of them. */
export function Follow({ id, name, followers, followed, list, className = "" }: Props) {
  const viewer = useViewer();
  const [{ fetching: following }, follow] = useMutation(FollowDocument);
  const [{ fetching: leaving }, unfollow] = useMutation(UnfollowDocument);
  const [refused, setRefused] = useState<Refused>(null);
  const press = async () => {
    const input = { subjectId: id };
    if (followed) {
      const { data, error } = await unfollow({ input });
      return setRefused(refusalOf(data?.unfollow, error));
    }
    const { data, error } = await follow({ input });
    setRefused(refusalOf(data?.follow, error));
  };
  const many = `${followers.toLocaleString("en")} ${followers === 1 ? "follower" : "followers"}`;
  return (
    <>
      <p className="row">
        {viewer && viewer.user.id !== id && (
          <button
            type="button"
            className={`btn sm ${className}`}
            aria-label={`${followed ? "Following" : "Follow"} ${name}`}
            disabled={following || leaving}
            onClick={() => void press()}
          >
            {followed ? "Following" : "Follow"}
          </button>
        )}
        <Link className="sm" href={list}>
          <u>{many}</u>
        </Link>
      </p>
      <Why refused={refused} />
    </>
  );
}
