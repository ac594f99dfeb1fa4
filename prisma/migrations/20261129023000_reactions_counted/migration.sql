-- Reactions that were taken back, or made, while their subject was being hidden were counted once too often, or not at all.
-- Nobody reacts while they are counted anew.
LOCK TABLE "social_reaction" IN SHARE ROW EXCLUSIVE MODE;
UPDATE "conversation" c SET "reactions" = n.made
FROM (SELECT s."id", count(r."subject_id")::int4 AS made FROM "conversation" s LEFT JOIN "social_reaction" r ON r."subject_id" = s."id" GROUP BY s."id") n
WHERE n."id" = c."id" AND c."reactions" <> n.made;
UPDATE "conversation_comment" c SET "reactions" = n.made
FROM (SELECT s."id", count(r."subject_id")::int4 AS made FROM "conversation_comment" s LEFT JOIN "social_reaction" r ON r."subject_id" = s."id" GROUP BY s."id") n
WHERE n."id" = c."id" AND c."reactions" <> n.made;
