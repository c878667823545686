INSERT INTO accounts VALUES
(0,'playlist');
INSERT INTO clock VALUES
('movie',1,2,20786),
('series',1,2,20786);
INSERT INTO copies VALUES
('movie',0,'14aa976980404c65',NULL,2,NULL,1,NULL,NULL),
('movie',0,'906127cd010bedaf',NULL,1,NULL,1,NULL,NULL),
('movie',0,'beb89ba7b7b1b0f4',NULL,4,NULL,1,NULL,NULL),
('series',0,'16981c074b633c95',NULL,3,NULL,1,NULL,NULL),
('series',0,'episode-3ca499fc4d702bab',NULL,3,NULL,1,NULL,NULL);
INSERT INTO episodes VALUES
(3,0,1,1);
INSERT INTO files VALUES
(1,'nfo','Bali - odcinek 33 - Spójrz na to.nfo',123,X'55D579DB761FE45D2CB7456D08B0E264',NULL,NULL,NULL,NULL,NULL),
(1,'strm','Bali - odcinek 33 - Spójrz na to.strm',32,X'9D0A0E428DA8E2C0B6F7BFA853B2E9FC',NULL,NULL,NULL,0,NULL),
(2,'nfo','Tato! Tato! Tato! - Odcinek - Brokuły.nfo',129,X'67F91342507C4F10122B81B1FCB9BDD8',NULL,NULL,NULL,NULL,NULL),
(2,'strm','Tato! Tato! Tato! - Odcinek - Brokuły.strm',38,X'D146DABB614E1DB74D93EFEAEE8CEAA9',NULL,NULL,NULL,0,NULL),
(3,'s02e10.nfo','Season 02/Poldark - Wichry losu - S02E10 - Napisy.nfo',160,X'0D7BDFC1E9585F07B813135B9D8FBAB3',NULL,NULL,NULL,NULL,NULL),
(3,'s02e10.strm','Season 02/Poldark - Wichry losu - S02E10 - Napisy.strm',40,X'23B07EEA01065BE6475C4ACDDE845233',NULL,NULL,NULL,0,NULL),
(3,'tvshow.nfo','tvshow.nfo',162,X'5226E74C5B2ABA1C7358623106A900AE',NULL,NULL,NULL,NULL,NULL),
(4,'nfo','1000 miejsc w Polsce które musisz zobaczyć Odcinek 4.nfo',145,X'470738680D2C436917859EF11D94ACE4',NULL,NULL,NULL,NULL,NULL),
(4,'strm','1000 miejsc w Polsce które musisz zobaczyć Odcinek 4.strm',32,X'899E460702F0B9D2CFF7F32DAA80040E',NULL,NULL,NULL,0,NULL);
INSERT INTO meta VALUES
('generation','1'),
('library','50b9fafc4394fc6d6dec995a7728006c'),
('mounts in Movies',''),
('mounts in TV',''),
('place of Movies',''),
('place of TV',''),
('will about movie','all'),
('will about series','all');
INSERT INTO runs VALUES
(1,1795967375,1795967375,'list.m3u',0,NULL);
INSERT INTO titles VALUES
(1,'movie','Bali - odcinek 33 - Spójrz na to',0,NULL,'Bali - odcinek 33: Spójrz na to',NULL,NULL,NULL,X'E93D52B20617868502DB6AF62F33DE04',X'84F78685D973244D8E54A05C8D1425A9',NULL,1795967375,NULL,NULL,NULL,NULL,0,0,0,0,NULL),
(2,'movie','Tato! Tato! Tato! - Odcinek - Brokuły',0,NULL,'Tato! Tato! Tato! - Odcinek - Brokuły',NULL,NULL,NULL,X'6F6184204A677FBAF0CB4E16D73FF234',X'84F78685D973244D8E54A05C8D1425A9',NULL,1795967375,NULL,NULL,NULL,NULL,0,0,0,0,NULL),
(3,'series','Poldark - Wichry losu',0,NULL,'Poldark - Wichry losu',NULL,NULL,NULL,X'84431D58B331D1BAED4C5CDA9C67F258',X'84F78685D973244D8E54A05C8D1425A9',NULL,1795967375,NULL,NULL,NULL,NULL,0,1,1,0,NULL),
(4,'movie','1000 miejsc w Polsce które musisz zobaczyć Odcinek 4',0,NULL,'1000 miejsc w Polsce które musisz zobaczyć Odcinek 4',NULL,NULL,NULL,X'DAA9C55E31DD18DE1DB7E2DF9BD69E44',X'84F78685D973244D8E54A05C8D1425A9',NULL,1795967375,NULL,NULL,NULL,NULL,0,0,0,0,NULL);
